// A unit of work owns its connection, and a printer is asked while it is open.
use bb8::{Pool, PooledConnection};
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

type Manager = PostgresConnectionManager<NoTls>;

pub struct Unit<'p> {
    conn: PooledConnection<'p, Manager>,
}

impl<'p> Unit<'p> {
    pub async fn begin(pool: &'p Pool<Manager>) -> anyhow::Result<Unit<'p>> {
        let conn = pool.get().await?;
        conn.batch_execute("BEGIN").await?;
        Ok(Unit { conn })
    }

    pub async fn number(&self) -> anyhow::Result<i64> {
        Ok(self.conn.query_one("SELECT nextval('tickets')", &[]).await?.get(0))
    }

    pub async fn end(self) -> anyhow::Result<()> {
        self.conn.batch_execute("COMMIT").await?;
        Ok(())
    }
}

pub async fn ticket(pool: &Pool<Manager>, printer: &Printer) -> anyhow::Result<i64> {
    let unit = Unit::begin(pool).await?;
    let number = unit.number().await?;
    printer.print(number).await?; //~ SA001
    unit.end().await?;
    Ok(number)
}

pub struct Printer {
    socket: std::net::SocketAddr,
}

impl Printer {
    pub async fn print(&self, number: i64) -> anyhow::Result<()> {
        use tokio::io::AsyncWriteExt;
        let mut stream = tokio::net::TcpStream::connect(self.socket).await?;
        stream.write_all(format!("#{number}\n").as_bytes()).await?;
        Ok(())
    }
}
