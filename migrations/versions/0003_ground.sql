-- Layers of every role, and what became of areas from one version to the next; frozen.

ALTER TABLE geoapp.layer_version ADD COLUMN role TEXT DEFAULT 'areas' NOT NULL;

ALTER TABLE geoapp.layer_version ADD CONSTRAINT ck_layer_version_role CHECK (role IN ('areas', 'assets', 'roads', 'landmarks'));

ALTER TABLE geoapp.asset ADD COLUMN quality TEXT DEFAULT 'official' NOT NULL;

ALTER TABLE geoapp.asset ADD COLUMN attributes JSONB DEFAULT '{}' NOT NULL;

ALTER TABLE geoapp.asset ADD CONSTRAINT ck_asset_quality CHECK (quality IN ('official', 'approximate', 'synthetic'));

CREATE INDEX ix_asset_layer_version_id ON geoapp.asset (layer_version_id);

CREATE TABLE geoapp.area_lineage (
    layer_version_id INTEGER NOT NULL,
    from_key_id INTEGER NOT NULL,
    to_key_id INTEGER NOT NULL,
    share DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_area_lineage PRIMARY KEY (layer_version_id, from_key_id, to_key_id),
    CONSTRAINT fk_area_lineage_layer_version_id FOREIGN KEY(layer_version_id) REFERENCES geoapp.layer_version (id),
    CONSTRAINT fk_area_lineage_from_key_id FOREIGN KEY(from_key_id) REFERENCES geoapp.area_key (id),
    CONSTRAINT fk_area_lineage_to_key_id FOREIGN KEY(to_key_id) REFERENCES geoapp.area_key (id)
);

GRANT SELECT ON geoapp.area_lineage TO geoapp_web, geoapp_bulk, geoapp_backup;

GRANT INSERT, UPDATE ON geoapp.area_lineage TO geoapp_bulk;

GRANT UPDATE (matter_id) ON geoapp.source_word TO geoapp_bulk;
