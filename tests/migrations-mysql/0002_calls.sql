CREATE TABLE calls (
    tool_id BIGINT NOT NULL,
    output TEXT NOT NULL,
    FOREIGN KEY (tool_id) REFERENCES tools (id)
);
