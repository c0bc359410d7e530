use sqlx::ConnectOptions;

use super::bad_url;
use crate::Error;
use crate::credentials::{Credentials, CredentialsSource};

/// The way to write a password in a URL.
const ENCODE: &str = "; in a password, write `@` as `%40`, `:` as `%3A`, `/` as `%2F`, `?` as `%3F` and `#` as `%23`";

/// Options of a server, which names a database, a user and a password.
pub(super) trait Login: ConnectOptions<Connection: Sized> + Clone {
    fn database(&self) -> Option<&str>;
    fn with_user(self, user: &str) -> Self;
    fn with_password(self, password: &str) -> Self;
}

/// Reads a URL, and says so if a sign in the password has ended the login in it.
pub(super) fn read_url<O: Login>(scheme: &str, url: &str) -> Result<O, Error> {
    check_parameters(url)?;
    let options: O = url.parse().map_err(|error| bad_url(scheme, &format!("{error}{ENCODE}")))?;
    match options.database() {
        Some(database) if database.contains('@') => {
            Err(bad_url(scheme, &format!("its database contains `@`{ENCODE}")))
        }
        _ => Ok(options),
    }
}

/// Refuses a parameter whose value may be a secret: `sqlx` logs those that it does not know.
fn check_parameters(url: &str) -> Result<(), Error> {
    let url = url.split('#').next().unwrap_or(url);
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    for pair in parameters.split('&') {
        let name = pair.split('=').next().unwrap_or(pair).to_lowercase();
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.[]%".contains(c)) {
            return Err(Error::setting("url", format!("has a parameter without a name{ENCODE}")));
        }
        let secret = ["pas", "pwd", "secret", "token"].iter().any(|word| name.contains(word));
        if secret && name != "password" {
            let reason = format!(
                "has the parameter `{name}`, which `sqlx` does not know and would log; leave it out"
            );
            return Err(Error::setting("url", reason));
        }
    }
    Ok(())
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
