CREATE TABLE users (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    token TEXT NOT NULL UNIQUE,
    logins BIGINT NOT NULL DEFAULT 0,
    calls BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE tools (
    name TEXT PRIMARY KEY,
    url TEXT NOT NULL
);
-- Without a unique index on the call: recording one twice must be possible, or its absence would prove nothing.
CREATE TABLE calls (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call BIGINT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    tool TEXT NOT NULL REFERENCES tools (name),
    output JSONB NOT NULL
);
