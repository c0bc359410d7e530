// `try_from` of the workspace's own types says nothing about that of the connection.
use diesel_async::AsyncPgConnection;

pub struct Key([u8; 4]);

impl TryFrom<&[u8]> for Key {
    type Error = Refused;

    fn try_from(bytes: &[u8]) -> Result<Self, Refused> {
        bytes.try_into().map(Key).map_err(|_| Refused)
    }
}

impl From<Key> for Vec<u8> {
    fn from(key: Key) -> Self {
        key.0.to_vec()
    }
}

pub async fn establish(url: &str) -> Result<AsyncPgConnection, Refused> {
    let (client, driver) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(async move { driver.await });
    AsyncPgConnection::try_from(client).await
}

pub struct Refused;
