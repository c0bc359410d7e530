#[cfg(feature = "postgres")]
use std::io;
use std::io::ErrorKind;

/// Says what is known of a connect that failed, and what to do about it.
pub(super) fn connect_cause(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::Database(error) => {
            #[cfg(feature = "mysql")]
            if let Some(cause) = refused_by_mysql(&**error) {
                return cause;
            }
            refused(error.code().as_deref())
        }
        #[cfg(feature = "postgres")]
        sqlx::Error::Io(error)
            if error.get_ref().is_some_and(|source| source.is::<NotWanted>()) =>
        {
            "no host that answers is what `target_session_attrs` in the setting `url` asks for"
        }
        sqlx::Error::Io(error) => unreachable_because(error.kind()),
        sqlx::Error::Tls(_) => TLS,
        error if asks_for_unknown_login(error) => {
            "the server asks for a way to log in that `sqlx` does not have; set another for this user on the server"
        }
        sqlx::Error::PoolTimedOut => "the `sqlx` pool had none in time",
        sqlx::Error::PoolClosed => "the `sqlx` pool is closed",
        _ => UNKNOWN,
    }
}

const UNKNOWN: &str =
    "check the setting `url`, and `setting`, `credentials` and `after_connect` if they are set";
const NO_ROOM: &str = "the server has no room for another connection";
const NO_DATABASE: &str = "the server has no such database; check the setting `url`";
const LOCKED: &str = "the file is locked by somebody else";
const TLS: &str = "TLS failed; check `sslmode` (MySQL: `ssl-mode`) and the certificates in the \
                   setting `url`, and that shortlease is built with its feature `tls-rustls` or `tls-native-tls`";

/// The error of a host that answers and is not what `target_session_attrs` asks for.
#[cfg(feature = "postgres")]
#[derive(Debug, thiserror::Error)]
#[error("`{host}` {otherwise}")]
pub(crate) struct NotWanted {
    pub(crate) host: String,
    pub(crate) otherwise: &'static str,
}

/// It may become what is wanted, as a server may come that is away.
#[cfg(feature = "postgres")]
impl From<NotWanted> for sqlx::Error {
    fn from(error: NotWanted) -> Self {
        io::Error::new(ErrorKind::ConnectionRefused, error).into()
    }
}

/// Says what the server, or SQLite, has answered.
fn refused(code: Option<&str>) -> &'static str {
    match code {
        // The lower byte of SQLite's extended codes is the code.
        Some(code) if code.len() < 5 => refused_by_sqlite(code.parse().unwrap_or(0) & 0xff),
        // PostgreSQL's, and MySQL's.
        Some("53300" | "08004") => NO_ROOM,
        Some("28P01" | "28000") => {
            "the server refused the user or its password; check the setting `url`"
        }
        Some("3D000") => NO_DATABASE,
        Some("57P03") => "the server is starting or stopping; try again later",
        _ => UNKNOWN,
    }
}

/// Says what MySQL and MariaDB tell by their number alone.
#[cfg(feature = "mysql")]
fn refused_by_mysql(error: &dyn sqlx::error::DatabaseError) -> Option<&'static str> {
    let error = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()?;
    match error.number() {
        // For the account, in two ways; memory of all sessions.
        1203 | 1226 | 4081 => Some(NO_ROOM),
        1049 => Some(NO_DATABASE),
        // `offline_mode`.
        3032 => Some("the server takes no clients now; try again later"),
        // `require_secure_transport`.
        3159 => Some(TLS),
        _ => None,
    }
}

/// Returns `true` if the server asks for a login that `sqlx` does not know, such as OAuth, which it tells in words only.
pub(crate) fn asks_for_unknown_login(error: &sqlx::Error) -> bool {
    const WORDS: [&str; 3] =
        ["authentication method", "authentication mechanism", "authentication plugin"];
    matches!(error, sqlx::Error::Protocol(text) if WORDS.iter().any(|words| text.contains(words)))
}

fn refused_by_sqlite(code: i32) -> &'static str {
    const BUSY: i32 = 5;
    const READONLY: i32 = 8;
    const CANTOPEN: i32 = 14;
    const NOTADB: i32 = 26;
    match code {
        BUSY => LOCKED,
        READONLY => "the file is read-only; add `mode=ro` to the setting `url`",
        CANTOPEN => {
            "the file cannot be opened; if it does not exist yet, end the setting `url` in \
             `?mode=rwc`, and otherwise check its path and permissions"
        }
        NOTADB => "the file is not an SQLite database; check the setting `url`",
        _ => UNKNOWN,
    }
}

fn unreachable_because(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::TimedOut => {
            "no answer in time; check the address in the setting `url`, and how long `credentials` and \
             `after_connect` take if they are set"
        }
        ErrorKind::ConnectionRefused => "nothing listens at the address; check the setting `url`",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof => {
            "the connection broke off; check the address in the setting `url`"
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            "no route leads to the address; check the setting `url`"
        }
        // Neither is a server: see `Pool::session_permit` and `Driver::no_answer`.
        ErrorKind::QuotaExceeded => {
            "all sessions that the setting `max_connections` allows are in leases or being recovered"
        }
        ErrorKind::ResourceBusy => {
            "the file is locked by somebody else, or `after_connect` takes too long"
        }
        ErrorKind::NotFound => "the socket or file does not exist; check the setting `url`",
        ErrorKind::PermissionDenied => "the socket or file may not be opened",
        // Its documentation says that rustls's own errors are of this kind.
        ErrorKind::InvalidData => TLS,
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_causes_do_not_blame_the_url() {
        let io = |kind: ErrorKind| connect_cause(&sqlx::Error::Io(kind.into()));
        assert!(io(ErrorKind::TimedOut).starts_with("no answer in time; check the address"));
        assert_eq!(
            io(ErrorKind::ConnectionRefused),
            "nothing listens at the address; check the setting `url`"
        );
        assert_eq!(io(ErrorKind::InvalidData), TLS);
        assert_eq!(io(ErrorKind::Other), UNKNOWN);
        assert_eq!(refused(Some("53300")), "the server has no room for another connection");
        assert_eq!(
            refused(Some("28P01")),
            "the server refused the user or its password; check the setting `url`"
        );
        assert_eq!(refused(Some("XX000")), UNKNOWN);
        assert!(refused(Some("14")).contains("`?mode=rwc`"));
        // SQLITE_READONLY_DIRECTORY.
        assert_eq!(
            refused(Some("1544")),
            "the file is read-only; add `mode=ro` to the setting `url`"
        );
    }

    #[test]
    fn a_login_is_told_from_a_connection_that_broke_off() {
        for (text, is_login) in [
            ("unknown authentication method: 7", true),
            ("unsupported authentication method: KerberosV5", true),
            ("unsupported SASL authentication mechanisms: OAUTHBEARER", true),
            ("unknown authentication plugin: client_ed25519", true),
            ("unexpected response from SSLRequest: 0x00", false),
        ] {
            let error = sqlx::Error::Protocol(text.to_owned());
            assert_eq!(asks_for_unknown_login(&error), is_login, "{text}");
        }
    }
}
