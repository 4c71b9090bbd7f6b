export async function find(req, res, db) {
  await db.query("SELECT * FROM people WHERE name = '" + req.query.name + "'"); // bad
  const id = req.params.id;
  await db.execute(`DELETE FROM people WHERE id = ${id}`); // bad
}

// good
export async function findWell(req, res, db) {
  await db.query("SELECT * FROM people WHERE name = $1", [req.query.name]);
  await db.query(`SELECT * FROM people WHERE id = ${Number(req.params.id)}`);
  await store.query(req.body);
}
