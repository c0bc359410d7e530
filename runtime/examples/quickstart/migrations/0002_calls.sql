CREATE TABLE calls (
    number  INTEGER PRIMARY KEY,
    tool_id INTEGER NOT NULL REFERENCES tools (id),
    output  TEXT    NOT NULL
);
