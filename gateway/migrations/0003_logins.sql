-- The token that a login was made with. With that one, it goes too.
ALTER TABLE tokens ADD COLUMN login_of TEXT REFERENCES tokens (id) ON DELETE CASCADE;
CREATE INDEX tokens_login_of ON tokens (login_of);
