// A download generator holds a client while the receiver of the body decides the pace.
use async_stream::try_stream;
use axum::body::{Body, Bytes};
use deadpool_postgres::Pool;
use futures::{StreamExt, pin_mut};

pub fn csv(pool: Pool) -> Body {
    Body::from_stream(try_stream! {
        let client = pool.get().await.map_err(std::io::Error::other)?;
        let copy = client
            .copy_out("COPY invoices TO STDOUT (FORMAT csv)")
            .await
            .map_err(std::io::Error::other)?;
        pin_mut!(copy);
        while let Some(chunk) = copy.next().await {
            let chunk: Bytes = chunk.map_err(std::io::Error::other)?;
            yield chunk; //~ SA010
        }
    })
}
