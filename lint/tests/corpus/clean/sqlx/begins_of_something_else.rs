// What `begin_walk` gives is never committed, and what is committed was never begun.
pub async fn survey(
    tree: &Tree,
    bus: &Bus,
    http: &reqwest::Client,
) -> anyhow::Result<usize> {
    let mut walk = tree.begin_walk("root").await?;
    let mut seen = 0;
    while let Some(leaf) = walk.forward().await? {
        http.post("http://leaves").body(leaf).send().await?;
        seen += 1;
    }
    let mut offsets = bus.subscribe("leaves").await?;
    http.post("http://surveyed").send().await?;
    offsets.commit().await?;
    Ok(seen)
}
