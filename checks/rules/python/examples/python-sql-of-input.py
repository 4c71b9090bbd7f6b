import sqlite3

from flask import request


def find(connection):
    name = request.args["name"]
    return connection.execute("SELECT * FROM people WHERE name = '" + name + "'")  # bad


def remove(cursor):
    cursor.execute(f"DELETE FROM people WHERE id = {request.form['id']}")  # bad


# good
def find_well(connection):
    return connection.execute("SELECT * FROM people WHERE name = ?", (request.args["name"],))


def by_number(cursor):
    cursor.execute(f"SELECT * FROM people WHERE id = {int(request.args['id'])}")
