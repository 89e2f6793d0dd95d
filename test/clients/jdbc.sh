#!/bin/bash
# jdbc.sh: PostgreSQL's JDBC driver, see Jdbc.java.  Speaks TAP; the server is
# that of PGHOST, PGPORT and PGUSER (a superuser).
. "$(dirname "$0")/setup.bash"
driver=/usr/share/java/postgresql.jar
javac -d "$tmp/classes" -cp $driver test/clients/Jdbc.java test/clients/UnixSockets.java &&
	ADMIN=$superuser java -cp "$driver:$tmp/classes" Jdbc
