use sqlx::ConnectOptions;

use super::bad_url;
use crate::Error;
use crate::credentials::{Credentials, CredentialsSource};

/// The way to write a password in a URL.
const ENCODE: &str = "; in a password, write `@` as `%40`, `:` as `%3A`, `/` as `%2F`, `?` as `%3F` and `#` as `%23`";

/// Options of a server, which names a database, a user and a password.
pub(super) trait Login: ConnectOptions<Connection: Sized> + Clone {
    /// Returns `true` for a parameter of a URL that `sqlx` reads. It ignores others, and may log their values.
    fn reads(parameter: &str) -> bool;

    fn database(&self) -> Option<&str>;
    fn with_user(self, user: &str) -> Self;
    fn with_password(self, password: &str) -> Self;
}

/// Reads a URL, and says so if a sign in the password has ended the login in it.
pub(super) fn read_url<O: Login>(scheme: &str, url: &str) -> Result<O, Error> {
    check_parameters::<O>(url)?;
    let options: O = url.parse().map_err(|error| bad_url(scheme, &format!("{error}{ENCODE}")))?;
    match options.database() {
        Some(database) if database.contains('@') => {
            Err(bad_url(scheme, &format!("its database contains `@`{ENCODE}")))
        }
        _ => Ok(options),
    }
}

/// Refuses a parameter that would have no effect, without its value, which may be a password.
fn check_parameters<O: Login>(url: &str) -> Result<(), Error> {
    let url = url.split('#').next().unwrap_or(url);
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let names = parameters.split('&').map(|pair| pair.split('=').next().unwrap_or(pair));
    let Some(unknown) = names.filter(|name| !name.is_empty()).find(|name| !O::reads(name)) else {
        return Ok(());
    };
    // Otherwise it may be a part of a password.
    let is_name = unknown.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    Err(Error::setting(
        "url",
        match is_name {
            true => format!(
                "has the parameter `{unknown}`, which `sqlx` does not know and ignores; leave it out"
            ),
            false => format!("has a parameter that `sqlx` does not know and ignores{ENCODE}"),
        },
    ))
}

/// Connects, with the credentials of the moment if there are any to ask for.
pub(super) async fn open<O: Login>(
    options: &O,
    credentials: Option<&CredentialsSource>,
) -> Result<O::Connection, sqlx::Error> {
    match open_once(options, credentials).await {
        // They may have changed in between.
        Err(sqlx::Error::Database(error))
            if credentials.is_some()
                && matches!(error.code().as_deref(), Some("28P01" | "28000")) =>
        {
            open_once(options, credentials).await
        }
        opened => opened,
    }
}

async fn open_once<O: Login>(
    options: &O,
    credentials: Option<&CredentialsSource>,
) -> Result<O::Connection, sqlx::Error> {
    with_credentials(options, credentials).await?.connect().await
}

/// Returns the options with the credentials of the moment, if there are any to ask for.
pub(super) async fn with_credentials<O: Login>(
    options: &O,
    credentials: Option<&CredentialsSource>,
) -> Result<O, sqlx::Error> {
    let Some(source) = credentials else { return Ok(options.clone()) };
    let Credentials { user, password } = source.ask().await?;
    let options = options.clone().with_password(&password);
    Ok(match user {
        Some(user) => options.with_user(&user),
        None => options,
    })
}
