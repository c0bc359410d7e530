mod after;
mod before;

use crate::migration::both;
use crate::remote::number;

#[tokio::test]
async fn both_roll_back_and_commit_the_same() {
    let (_scratch, db, pool) = both().await;
    let uses = async || number(&db, "SELECT uses FROM tools").await;
    let calls = async || number(&db, "SELECT count(*) FROM calls").await;
    for taken in 1..=3 {
        let took = match taken {
            2 => before::take_one(&pool, 1).await.unwrap(),
            _ => after::take_one(&mut db.session(), 1).await.unwrap(),
        };
        assert!(took);
        assert_eq!(uses().await, taken);
    }
    assert!(!before::take_one(&pool, 1).await.unwrap());
    assert!(!after::take_one(&mut db.session(), 1).await.unwrap());
    assert_eq!(uses().await, 3);
    assert!(before::note(&pool, 1, "").await.is_err());
    assert_eq!(calls().await, 1);
    assert!(after::note(&mut db.session(), 1, "").await.is_err());
    assert_eq!(calls().await, 2);
}
