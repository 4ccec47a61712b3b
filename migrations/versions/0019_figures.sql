-- Indexes by time for the figures of a period; frozen.

CREATE INDEX ix_event_dispatched ON geoapp.event (occurred_at) WHERE name = 'dispatch';

CREATE INDEX ix_event_settled ON geoapp.event (occurred_at) WHERE to_state IN ('settled', 'closed');

CREATE INDEX ix_rating_rated_at ON geoapp.rating (rated_at);
