// A watcher waits for a configuration change with its connection.
use bb8::PooledConnection;
use bb8_postgres::PostgresConnectionManager;
use tokio::sync::watch;
use tokio_postgres::NoTls;

pub struct Follower<'a> {
    conn: PooledConnection<'a, PostgresConnectionManager<NoTls>>,
    config: watch::Receiver<u32>,
}

impl Follower<'_> {
    pub async fn run(mut self) -> anyhow::Result<()> {
        loop {
            self.config.changed().await?; //~ SA003
            let generation = *self.config.borrow_and_update() as i32;
            self.conn.execute("UPDATE nodes SET generation = $1", &[&generation]).await?;
        }
    }
}
