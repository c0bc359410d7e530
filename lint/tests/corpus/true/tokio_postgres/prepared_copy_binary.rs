// A binary COPY writer of a transaction waits for the rows of a remote source.
use futures::pin_mut;
use tokio_postgres::{Client, binary_copy::BinaryCopyInWriter, types::Type};

pub async fn load(client: &mut Client, source: &mut Source) -> anyhow::Result<u64> {
    let tx = client.transaction().await?;
    let sink = tx.copy_in("COPY readings (at, value) FROM STDIN BINARY").await?;
    let writer = BinaryCopyInWriter::new(sink, &[Type::INT8, Type::FLOAT8]);
    pin_mut!(writer);
    while let Some((at, value)) = source.next().await? { //~ SA001
        writer.as_mut().write(&[&at, &value]).await?;
    }
    let rows = writer.finish().await?;
    tx.commit().await?;
    Ok(rows)
}

pub struct Source {
    lines: tokio::io::Lines<tokio::io::BufReader<tokio::net::TcpStream>>,
}

impl Source {
    pub async fn next(&mut self) -> anyhow::Result<Option<(i64, f64)>> {
        let Some(line) = self.lines.next_line().await? else { return Ok(None) };
        let (at, value) = line.split_once(' ').unwrap_or((&line, "0"));
        Ok(Some((at.parse()?, value.parse()?)))
    }
}
