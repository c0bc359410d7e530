-- Checked at COMMIT, so that COMMIT can fail.
CREATE TABLE calls (
    tool_id BIGINT NOT NULL REFERENCES tools (id) DEFERRABLE INITIALLY DEFERRED,
    output TEXT NOT NULL
);
