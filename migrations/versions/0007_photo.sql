-- What a photo shows: what is wrong, or how it was mended; frozen.

ALTER TABLE geoapp.photo ADD COLUMN shows TEXT DEFAULT 'defect' NOT NULL;

ALTER TABLE geoapp.photo ADD CONSTRAINT ck_photo_shows CHECK (shows IN ('defect', 'repair'));
