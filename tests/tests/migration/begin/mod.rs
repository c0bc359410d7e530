mod after;
mod before;

use super::{assert_two_calls, both};
use crate::remote::Model;

#[tokio::test]
async fn both_record_the_call() {
    let (_scratch, db, pool) = both().await;
    assert_eq!(before::call_tool(&pool, &Model, 1).await.unwrap(), "http://a, improved");
    assert_eq!(after::call_tool(&mut db.session(), &Model, 1).await.unwrap(), "http://a, improved");
    assert_two_calls(&db).await;
}
