// An owned connection is moved into a task that waits for a partner's answer.
use bb8::PooledConnection;
use bb8_postgres::{PostgresConnectionManager, bb8::Pool};
use tokio_postgres::NoTls;

type Manager = PostgresConnectionManager<NoTls>;

pub async fn enqueue_sync(pool: Pool<Manager>, partner: Partner) -> anyhow::Result<()> {
    let conn: PooledConnection<'static, Manager> = pool.get_owned().await?;
    tokio::spawn(async move {
        let contacts = match partner.contacts().await { //~ SA001
            Ok(contacts) => contacts,
            Err(error) => return tracing::error!(%error, "sync failed"),
        };
        for (name, phone) in contacts {
            if let Err(error) = conn
                .execute("INSERT INTO contacts (name, phone) VALUES ($1, $2)", &[&name, &phone])
                .await
            {
                tracing::warn!(%error, name, "contact not stored");
            }
        }
    });
    Ok(())
}

pub struct Partner {
    http: reqwest::Client,
}

impl Partner {
    pub async fn contacts(&self) -> reqwest::Result<Vec<(String, String)>> {
        self.http.get("http://crm/contacts").send().await?.json().await
    }
}
