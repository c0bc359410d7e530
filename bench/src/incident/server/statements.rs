//! The statements, one copy for all ways.

pub(super) const USER_OF_TOKEN: &str = "SELECT id FROM users WHERE token = $1";
pub(super) const URL_OF_TOOL: &str = "SELECT url FROM tools WHERE name = $1";
pub(super) const RECORD_CALL: &str =
    "INSERT INTO calls (call, user_id, tool, output) VALUES ($1, $2, $3, $4)";
pub(super) const COUNT_CALL: &str = "UPDATE users SET calls = calls + 1 WHERE id = $1";
pub(super) const USER_OF_NAME: &str = "SELECT id FROM users WHERE name = $1";
pub(super) const COUNT_LOGIN: &str = "UPDATE users SET logins = logins + 1 WHERE id = $1";
pub(super) const HEALTH: &str = "SELECT 1";
