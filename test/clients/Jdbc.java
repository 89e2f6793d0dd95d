/*
 * Jdbc.java
 *		PostgreSQL's JDBC driver, with statements that it prepares on the server:
 *		login, list, page, write, denied writes, errors, retries after 40001.
 *		Speaks TAP.
 */
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Jdbc {
	interface Work<T> {
		T apply(Connection connection) throws SQLException;
	}

	// Does the work in a transaction of the token's holder, and again when PostgreSQL asks for that.
	static <T> T as(Connection connection, String token, Work<T> work) throws SQLException {
		connection.setAutoCommit(false);
		for (int attempt = 1;; attempt++) {
			try (PreparedStatement login = connection.prepareStatement("SELECT ambit.login(?)")) {
				login.setString(1, token);
				login.execute();
				T result = work.apply(connection);
				connection.commit();
				return result;
			} catch (SQLException e) {
				connection.rollback();
				if (!List.of("40001", "40P01").contains(e.getSQLState()) || attempt == 5)
					throw e;
			}
		}
	}

	// What a web server answers.
	static int status(SQLException e) {
		return Map.of("28000", 401, "42501", 403, "40001", 503, "57014", 504).getOrDefault(e.getSQLState(), 500);
	}

	/* ---- tokens ------------------------------------------------------------ */

	static String base64url(byte[] data) {
		return Base64.getUrlEncoder().withoutPadding().encodeToString(data);
	}

	static String token(String tenant, String user, long seconds, String secret) throws Exception {
		String header = "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"hs\"}";
		String claims = String.format("{\"tenant\":\"%s\",\"sub\":\"%s\",\"exp\":%d}", tenant, user, System.currentTimeMillis() / 1000 + seconds);
		String signed = base64url(header.getBytes(StandardCharsets.UTF_8)) + "." + base64url(claims.getBytes(StandardCharsets.UTF_8));
		Mac mac = Mac.getInstance("HmacSHA256");
		mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
		return signed + "." + base64url(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
	}

	static String token(String tenant, String user) throws Exception {
		return token(tenant, user, 3600, System.getenv("AMBIT_SECRET"));
	}

	/* ---- TAP --------------------------------------------------------------- */

	static int tests, failed;

	static void is(Object have, Object want, String name) {
		boolean same = want.equals(have);
		tests++;
		if (!same)
			failed++;
		System.out.println((same ? "ok " : "not ok ") + tests + " - " + name);
		if (!same)
			System.out.println("# have: " + have + "\n# want: " + want);
	}

	static Work<List<String>> rows(String sql, Object... parameters) {
		return connection -> {
			try (PreparedStatement statement = connection.prepareStatement(sql)) {
				for (int i = 0; i < parameters.length; i++)
					statement.setObject(i + 1, parameters[i]);
				return read(statement.executeQuery());
			}
		};
	}

	static List<String> read(ResultSet result) throws SQLException {
		List<String> lines = new ArrayList<>();
		while (result.next()) {
			StringBuilder line = new StringBuilder(result.getString(1));
			for (int c = 2; c <= result.getMetaData().getColumnCount(); c++)
				line.append('|').append(result.getString(c));
			lines.add(line.toString());
		}
		return lines;
	}

	static Work<Integer> update(String sql, Object... parameters) {
		return connection -> {
			try (PreparedStatement statement = connection.prepareStatement(sql)) {
				for (int i = 0; i < parameters.length; i++)
					statement.setObject(i + 1, parameters[i]);
				return statement.executeUpdate();
			}
		};
	}

	/* the status of what must fail */
	static int failure(Connection connection, String token, Work<?> work) {
		try {
			as(connection, token, work);
			return 200;
		} catch (SQLException e) {
			return status(e);
		}
	}

	/* ---- tests ------------------------------------------------------------- */

	static Connection connect(String user) throws SQLException {
		Properties properties = new Properties();
		properties.setProperty("user", user);
		properties.setProperty("socketFactory", UnixSockets.class.getName());
		properties.setProperty("sslmode", "disable");
		properties.setProperty("gssEncMode", "disable");
		properties.setProperty("prepareThreshold", "1");	// from the first time on
		return DriverManager.getConnection("jdbc:postgresql://localhost/" + System.getenv("PGDATABASE"), properties);
	}

	static int tries = 0;

	public static void main(String[] arguments) throws Exception {
		String user = System.getenv("PGUSER");
		String tom = token("allegro", "tom"), ulla = token("allegro", "ulla"), olga = token("allegro", "olga"), ada = token("allegro", "ada");

		try (Connection c = connect(user); Connection other = connect(user); Connection admin = connect(System.getenv("ADMIN"))) {
			String summary = "SELECT min(school), max(school), min(teacher), max(teacher), count(*) FROM app.lessons";
			is(as(c, tom, rows(summary)), List.of("allegro|allegro|7|7|40"), "list: a teacher");
			is(as(c, olga, rows(summary)), List.of("allegro|allegro|7|9|120"), "list: the desk");
			is(as(c, ada, rows(summary)), List.of("allegro|allegro|7|7|5"), "list: a student");
			is(as(c, token("brio", "tom"), rows(summary)), List.of("brio|brio|7|7|40"), "list: of the same name in another school");
			c.setAutoCommit(true);
			is(rows("SELECT count(*) FROM app.lessons").apply(c), List.of("0"), "list: nobody, on a connection that others had");

			String page = "SELECT id FROM app.lessons ORDER BY starts_at, id LIMIT ? OFFSET ?";
			is(as(c, tom, rows(page, 4, 0)), List.of("0", "3", "6", "9"), "page: the first");
			is(as(c, tom, rows(page, 4, 4)), List.of("12", "15", "18", "21"), "page: the second");
			is(as(c, ulla, connection -> {
				try (PreparedStatement statement = connection.prepareStatement("SELECT id FROM app.lessons ORDER BY starts_at")) {
					statement.setFetchSize(7);
					return read(statement.executeQuery()).size();
				}
			}), 40, "page: by portions of a portal");

			is(as(c, tom, update("UPDATE app.lessons SET starts_at = starts_at + interval '1 minute' WHERE id = ?", 0)), 1, "write: a teacher moves a lesson");
			is(as(c, tom, update("UPDATE app.lessons SET starts_at = starts_at + interval '1 minute' WHERE id = ?", 1)), 0, "write: another's lesson is not there");
			is(as(c, tom, connection -> {
				try (PreparedStatement statement = connection.prepareStatement("INSERT INTO app.notes (school, author, body) VALUES ('allegro', ?, 'x')")) {
					for (int i = 0; i < 3; i++) {
						statement.setLong(1, 7);
						statement.addBatch();
					}
					return statement.executeBatch().length;
				}
			}), 3, "write: a batch");
			is(failure(c, tom, update("INSERT INTO app.notes (school, author, body) VALUES ('allegro', ?, 'x')", 8)), 403, "denied: another's note");
			is(failure(c, olga, update("INSERT INTO app.notes (school, author, body) VALUES ('brio', ?, 'x')", 7)), 403, "denied: another school's");
			is(as(c, tom, rows("SELECT ambit.has_permission(?), ambit.has_permission(?)", "lessons.view", "lessons.cancel")), List.of("t|f"), "questions: permissions sent as strings");
			is(failure(c, tom, update("UPDATE app.lessons SET status = 'cancelled' WHERE id = ?", 0)), 403, "denied: a teacher cancels");
			is(as(c, olga, update("UPDATE app.lessons SET status = 'cancelled' WHERE id = ?", 0)), 1, "write: the desk cancels");
			is(failure(c, token("allegro", "tom", -1, System.getenv("AMBIT_SECRET")), rows(summary)), 401, "refused: an expired token");
			is(failure(c, token("allegro", "tom", 60, "another-secret-of-32-bytes-or-more"), rows(summary)), 401, "refused: signed by somebody else");
			is(failure(c, "nonsense", rows(summary)), 401, "refused: no token at all");
			is(failure(c, tom, rows("SELECT 1 / ?", 0)), 500, "an error of another kind");

			// The first try has read the counter before the other session changes it.
			c.setAutoCommit(true);
			c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			is(as(c, tom, connection -> {
				int n = Integer.parseInt(rows("SELECT n FROM app.counters WHERE teacher = ?", 7).apply(connection).get(0));
				if (++tries == 1)
					as(other, olga, update("UPDATE app.counters SET n = n + 10 WHERE teacher = ?", 7));
				return rows("UPDATE app.counters SET n = ? WHERE teacher = ? RETURNING n", n + 1, 7).apply(connection);
			}), List.of("11"), "retry: nothing is lost");
			is(tries, 2, "retry: after one 40001");
			c.setAutoCommit(true);
			c.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);

			// One statement that stays prepared on the server, for one person after the other.
			String list = "SELECT count(*), min(school), max(school) FROM app.lessons WHERE starts_at >= '2030-01-01' AND status <> ?";
			try (PreparedStatement statement = c.prepareStatement(list)) {
				String[][] people = {{"allegro", "tom", "40"}, {"brio", "olga", "120"}, {"corda", "ada", "5"}, {"brio", "tom", "40"}, {"allegro", "olga", "120"}};
				int right = 0;
				for (int i = 0; i < 100; i++) {
					String[] p = people[i * 3 % 5];
					right += as(c, token(p[0], p[1]), connection -> {
						statement.setString(1, "none");
						return read(statement.executeQuery());
					}).equals(List.of(p[2] + "|" + p[0] + "|" + p[0])) ? 1 : 0;
				}
				is(right, 100, "a statement prepared on the server: everybody has their own rows");
				is(statement.unwrap(org.postgresql.PGStatement.class).isUseServerPrepare(), true, "a statement prepared on the server: it was");

				// Rights that change shape between two runs in one transaction: 40001 once, then what holds now.
				List<String> seen = new ArrayList<>();
				as(c, token("brio", "ben"), connection -> {
					try {
						seen.add(read(statement.executeQuery()).get(0));
						if (seen.size() == 1)
							rows("SELECT ambit.change_role('brio', 'ben', 'student', 'desk')").apply(admin);
						seen.add(read(statement.executeQuery()).get(0));
					} catch (SQLException e) {
						seen.add(e.getSQLState());
						throw e;
					}
					return 0;
				});
				is(seen, List.of("5|brio|brio", "40001", "120|brio|brio", "120|brio|brio"), "a statement prepared on the server: rights change under it");
			}
		}
		System.out.println("1.." + tests);
		System.exit(failed == 0 ? 0 : 1);
	}
}
