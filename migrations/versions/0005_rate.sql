-- How often each caller did what may be done only so often; frozen.

CREATE UNLOGGED TABLE geoapp.rate (
    key UUID NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    n INTEGER NOT NULL,
    CONSTRAINT pk_rate PRIMARY KEY (key, began_at)
);

GRANT SELECT, INSERT, UPDATE ON geoapp.rate TO geoapp_web;

GRANT SELECT, DELETE ON geoapp.rate TO geoapp_bulk;

GRANT SELECT ON geoapp.rate TO geoapp_backup;
