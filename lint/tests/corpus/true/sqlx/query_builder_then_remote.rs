// A batch insert by the query builder and an upload share one transaction.
use sqlx::{PgPool, Postgres, QueryBuilder};

pub async fn import_points(
    pool: &PgPool,
    lake: &DataLake,
    points: &[(f64, f64)],
) -> anyhow::Result<u64> {
    let mut tx = pool.begin().await?;
    let mut builder: QueryBuilder<Postgres> = QueryBuilder::new("INSERT INTO points (x, y) ");
    builder.push_values(points, |mut row, (x, y)| {
        row.push_bind(x).push_bind(y);
    });
    let done = builder.build().execute(&mut *tx).await?;
    lake.append(points).await?; //~ SA001
    tx.commit().await?;
    Ok(done.rows_affected())
}

pub struct DataLake(reqwest::Client);

impl DataLake {
    pub async fn append(&self, points: &[(f64, f64)]) -> anyhow::Result<()> {
        self.0.post("http://lake").json(points).send().await?;
        Ok(())
    }
}
