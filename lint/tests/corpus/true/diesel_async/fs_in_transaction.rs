// A file is removed with a blocking call inside a transaction.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, scoped_futures::ScopedFutureExt,
};

use crate::schema::attachments::dsl::*;

pub async fn delete_attachment(
    conn: &mut AsyncPgConnection,
    attachment: i32,
) -> anyhow::Result<()> {
    conn.transaction::<(), anyhow::Error, _>(|conn| {
        async move {
            let file: String = diesel::delete(attachments.find(attachment))
                .returning(path)
                .get_result(conn)
                .await?;
            std::fs::remove_file(&file)?; //~ SA004
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
