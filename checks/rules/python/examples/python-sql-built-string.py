def find(cursor, name, number):
    cursor.execute(f"SELECT * FROM people WHERE name = '{name}'")  # bad
    cursor.execute("SELECT * FROM people WHERE name = '%s'" % name)  # bad
    cursor.execute("UPDATE people SET name = '{}'".format(name))  # bad
    cursor.execute("DELETE FROM people WHERE id = " + number)  # bad


# good
def find_well(cursor, name, table):
    cursor.execute("SELECT * FROM people WHERE name = ?", (name,))
    cursor.execute(f"SELECT COUNT(*) FROM {table}")
    cursor.execute("SELECT * FROM people " + "WHERE name = ?", (name,))
    pool.execute(f"job {name} where it set off")
