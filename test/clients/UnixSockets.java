/*
 * UnixSockets.java
 *		Lets PostgreSQL's JDBC driver, which knows TCP only, reach the server
 *		whose socket is in the directory PGHOST.
 */
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import javax.net.SocketFactory;

public class UnixSockets extends SocketFactory {
	@Override
	public Socket createSocket() {
		return new Socket() {
			private SocketChannel channel;

			@Override
			public void connect(SocketAddress address, int timeout) throws IOException {
				channel = SocketChannel.open(UnixDomainSocketAddress.of(System.getenv("PGHOST") + "/.s.PGSQL." + System.getenv("PGPORT")));
			}

			@Override
			public void connect(SocketAddress address) throws IOException {
				connect(address, 0);
			}

			@Override
			public boolean isConnected() {
				return channel != null;
			}

			@Override
			public InputStream getInputStream() {
				return Channels.newInputStream(channel);
			}

			@Override
			public OutputStream getOutputStream() {
				return Channels.newOutputStream(channel);
			}

			@Override
			public void close() throws IOException {
				if (channel != null)
					channel.close();
			}

			@Override
			public void setTcpNoDelay(boolean on) { }

			@Override
			public void setKeepAlive(boolean on) { }

			@Override
			public void setSoTimeout(int timeout) { }

			@Override
			public int getSoTimeout() {
				return 0;
			}
		};
	}

	@Override
	public Socket createSocket(String host, int port) throws IOException {
		throw new IOException("not here");
	}

	@Override
	public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
		throw new IOException("not here");
	}

	@Override
	public Socket createSocket(InetAddress host, int port) throws IOException {
		throw new IOException("not here");
	}

	@Override
	public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
		throw new IOException("not here");
	}
}
