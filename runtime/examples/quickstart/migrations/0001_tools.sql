CREATE TABLE tools (
    id    INTEGER PRIMARY KEY,
    name  TEXT    NOT NULL UNIQUE,
    path  TEXT    NOT NULL,
    calls INTEGER NOT NULL DEFAULT 0
);

INSERT INTO tools (name, path) VALUES
    ('search',    '/tools/search'),
    ('translate', '/tools/translate'),
    ('weather',   '/tools/weather'),
    ('calendar',  '/tools/calendar');
