// Sessions and transactions of other stores follow other rules.
use mongodb::{ClientSession, Collection, bson::doc};

pub async fn move_points(
    mut session: ClientSession,
    players: Collection<mongodb::bson::Document>,
    http: &reqwest::Client,
    from: i64,
    to: i64,
) -> anyhow::Result<()> {
    session.start_transaction().await?;
    players
        .update_one(doc! { "_id": from }, doc! { "$inc": { "points": -1 } })
        .session(&mut session)
        .await?;
    players
        .update_one(doc! { "_id": to }, doc! { "$inc": { "points": 1 } })
        .session(&mut session)
        .await?;
    http.post("http://ranking").send().await?;
    session.commit_transaction().await?;
    Ok(())
}
