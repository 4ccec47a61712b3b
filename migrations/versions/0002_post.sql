-- Where leads were published; frozen.

CREATE TABLE private.post (
    report_id BIGINT NOT NULL,
    city_id SMALLINT NOT NULL,
    link TEXT NOT NULL,
    about TEXT NOT NULL,
    pictures JSONB NOT NULL,
    CONSTRAINT pk_post PRIMARY KEY (report_id),
    CONSTRAINT fk_post_report_id FOREIGN KEY(report_id) REFERENCES geoapp.report (id),
    CONSTRAINT fk_post_city_id FOREIGN KEY(city_id) REFERENCES geoapp.city (id)
);

ALTER TABLE private.post ENABLE ROW LEVEL SECURITY;

CREATE POLICY read ON private.post FOR SELECT USING (city_id = nullif(current_setting('geoapp.reads_private_of', true), '')::smallint);

CREATE POLICY file ON private.post FOR INSERT WITH CHECK (true);

GRANT SELECT, INSERT ON private.post TO geoapp_web;

GRANT SELECT, INSERT, UPDATE, DELETE ON private.post TO geoapp_bulk;

GRANT SELECT ON private.post TO geoapp_backup;
