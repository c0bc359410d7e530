SELECT id, url FROM tools WHERE id = ?1
