// A stream of rows is read with nothing else awaited.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures::TryStreamExt;

use crate::schema::readings;

pub async fn hottest(conn: &mut AsyncPgConnection) -> QueryResult<Option<f64>> {
    let mut rows = readings::table.select(readings::celsius).load_stream::<f64>(conn).await?;
    let mut top: Option<f64> = None;
    while let Some(celsius) = rows.try_next().await? {
        top = Some(top.map_or(celsius, |best| best.max(celsius)));
    }
    Ok(top)
}
