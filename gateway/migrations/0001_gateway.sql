-- The same on SQLite and PostgreSQL: names as keys, times in milliseconds since 1970.
CREATE TABLE teams (
    name TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL
);

-- A token is an id and a secret; only a salted hash of the secret is here.
CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    team TEXT NOT NULL REFERENCES teams (name) ON DELETE CASCADE,
    label TEXT NOT NULL,
    salt TEXT NOT NULL,
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX tokens_team ON tokens (team);

-- The tools that a team may call: `upstream__tool`, `upstream__*` or `*`.
CREATE TABLE grants (
    team TEXT NOT NULL REFERENCES teams (name) ON DELETE CASCADE,
    tool TEXT NOT NULL,
    PRIMARY KEY (team, tool)
);

CREATE TABLE upstreams (
    name TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    cache_ms BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE tools (
    upstream TEXT NOT NULL REFERENCES upstreams (name) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    input_schema TEXT NOT NULL,
    read_only BOOLEAN NOT NULL,
    PRIMARY KEY (upstream, name)
);

-- Ids begin with the time, so their order is that of the calls.
CREATE TABLE calls (
    id TEXT NOT NULL PRIMARY KEY,
    team TEXT NOT NULL,
    token TEXT NOT NULL,
    tool TEXT NOT NULL,
    outcome TEXT NOT NULL,
    took_ms BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX calls_team ON calls (team, id);

CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    team TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX audit_team ON audit (team, id);
