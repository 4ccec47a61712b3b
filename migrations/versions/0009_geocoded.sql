-- What online geocoders answered, kept for a while, and how much they have been asked; frozen.

CREATE TABLE geoapp.geocoded (
    city_id SMALLINT NOT NULL,
    geocoder TEXT NOT NULL,
    question UUID NOT NULL,
    answer JSONB,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_geocoded PRIMARY KEY (city_id, geocoder, question),
    CONSTRAINT fk_geocoded_city_id FOREIGN KEY(city_id) REFERENCES geoapp.city (id)
);

CREATE TABLE geoapp.geocoder_use (
    key UUID NOT NULL,
    free_at TIMESTAMP WITH TIME ZONE NOT NULL,
    day DATE NOT NULL,
    n INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    rests_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_geocoder_use PRIMARY KEY (key)
);

GRANT SELECT ON geoapp.geocoded, geoapp.geocoder_use TO geoapp_web, geoapp_bulk, geoapp_backup;

GRANT INSERT, UPDATE ON geoapp.geocoded, geoapp.geocoder_use TO geoapp_web, geoapp_bulk;

GRANT DELETE ON geoapp.geocoded, geoapp.geocoder_use TO geoapp_bulk;
