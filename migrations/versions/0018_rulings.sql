-- Rulings taken up by batches, drafts released, gaps between duties decided, and deeds about lists; frozen.

ALTER TABLE geoapp.list_batch ADD COLUMN released_at TIMESTAMP WITH TIME ZONE;

-- Until now every draft came into force on its day: those that wait for theirs still do.
UPDATE geoapp.list_batch SET released_at = made_at WHERE state <> 'withdrawn';

GRANT UPDATE (released_at) ON geoapp.list_batch TO geoapp_web, geoapp_bulk;

ALTER TABLE geoapp.list_proposal ADD COLUMN batch_id INTEGER;

ALTER TABLE geoapp.list_proposal ADD CONSTRAINT fk_list_proposal_batch_id FOREIGN KEY(batch_id) REFERENCES geoapp.list_batch (id);

CREATE INDEX ix_list_proposal_open ON geoapp.list_proposal (city_id) WHERE taken_at IS NULL;

ALTER TABLE geoapp.consultation ADD COLUMN settled_by TEXT;

ALTER TABLE geoapp.consultation ADD COLUMN decision TEXT;

CREATE INDEX ix_consultation_city_id_id ON geoapp.consultation (city_id, id);

DROP POLICY note ON private.deed;

CREATE POLICY note ON private.deed FOR INSERT WITH CHECK (by_id IS NOT DISTINCT FROM nullif(current_setting('geoapp.account', true), '')::integer AND (current_setting('geoapp.manages_people', true) = 'on' OR cardinality(geoapp.cities_of('geoapp.manages_people')) > 0 OR unit_id IS NOT NULL AND (current_setting('geoapp.manages_units', true) = 'on' OR city_id = ANY ((SELECT geoapp.cities_of('geoapp.manages_units'))::smallint[])) OR account_id IS NULL AND unit_id IS NULL AND (current_setting('geoapp.manages_lists', true) = 'on' OR city_id = ANY ((SELECT geoapp.cities_of('geoapp.manages_lists'))::smallint[]))));

DROP POLICY read ON private.deed;

CREATE POLICY read ON private.deed FOR SELECT USING (current_setting('geoapp.manages_people', true) = 'on' OR account_id = ANY ((SELECT private.accounts_seen())::integer[]) AND (city_id IS NULL OR city_id = ANY ((SELECT geoapp.cities_of('geoapp.manages_people'))::smallint[])) OR unit_id IS NOT NULL AND (current_setting('geoapp.manages_units', true) = 'on' OR city_id = ANY ((SELECT geoapp.cities_of('geoapp.manages_units'))::smallint[])) OR account_id IS NULL AND unit_id IS NULL AND (current_setting('geoapp.manages_lists', true) = 'on' OR city_id = ANY ((SELECT geoapp.cities_of('geoapp.manages_lists'))::smallint[])));
