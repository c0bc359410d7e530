// Each page is a statement on the pool, and no connection is held between the pages.
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};

pub async fn remind(db: &DatabaseConnection, http: &reqwest::Client) -> Result<(), Failed> {
    let mut pages = bill::Entity::find().filter(bill::Column::Due.eq(true)).paginate(db, 50);
    while let Some(bills) = pages.fetch_and_next().await? {
        for bill in bills {
            http.post("https://mail.test/").json(&bill.id).send().await?;
        }
    }
    Ok(())
}
