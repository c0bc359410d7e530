mod after;
mod before;

use super::{assert_two_calls, both};
use crate::remote::Model;

#[tokio::test]
async fn both_record_the_call() {
    let (_scratch, db, pool) = both().await;
    let tools = before::StoredTools { pool };
    assert_eq!(before::call_tool(&tools, &Model, 1).await.unwrap(), "http://a, improved");
    let tools = after::StoredTools;
    let mut session = db.session();
    let output = after::call_tool(&mut session, &tools, &Model, 1).await.unwrap();
    assert_eq!(output, "http://a, improved");
    assert_two_calls(&db).await;
}
