-- The headers that an upstream wants with each request, as a JSON object. Their values are secrets.
ALTER TABLE upstreams ADD COLUMN headers TEXT NOT NULL DEFAULT '{}';
