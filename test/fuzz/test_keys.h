/*
 * test_keys.h
 *		Keys to sign with.  They are published here, for the fuzz targets alone:
 *		nothing that they sign is to be believed anywhere else.
 */
#ifndef AMBIT_TEST_KEYS_H
#define AMBIT_TEST_KEYS_H

#define TEST_SECRET "a secret of a test, published ..."

#define TEST_RSA_KEY \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCMGyJkpHu5jg/a\n" \
	"y61LQNBR9v44Oebn6gCqfUFpZE6M1PE0WEIBVrY6lS0Pd70yTpx005FBDCYzth5l\n" \
	"4gQFvJLySrC9eJdm8vjdG5n9RyVYivEHzNDdUMoUWMtxAWyaHuEL680FtZvXtk38\n" \
	"WtkZ9B3Kuot02L6y+RX3GXwysVzdbjhgg9vtd9l6wVwjgc9huCSvIcQq1ECTJSSz\n" \
	"KtlVSAmjyc7giSm7+Ce1CH65h7hQazuLRG+x8bxKVfFYg6CMGRyoqAaRSKhNgoxX\n" \
	"24s3zsmRIaKv7fRDXE5EVGhXodYbByf9HQ/7dP9ODlem0/qMdThAhX4ySHf6dS5W\n" \
	"LG2bQBqFAgMBAAECggEACiYUB3THtpD1Eo0C7ErRXEKXNyTwljeD3VWt5Y+7xeVN\n" \
	"5JQJEfZBRHyWU0LB7HE30ZmasbrK0J+eU5R75Jt8jHr/EvZ3hyBOCRws+yUKbj/A\n" \
	"RmeecI2f2bn14KVxA7f9ZsLpqsJ1O7qrqv48sC3X852wKOJja+zxm6DXt4dT+gEc\n" \
	"txlfqmsZ1RxGiY0tbwfFAbT8SqGPT6sqf5+THPyRUHGftC197wBxtFMZkdAxyN4I\n" \
	"aAa5ITEmMe0VGO4yEcsCVj+vhGznVlh0ncTeTfV94GL6IVi+if/Gh7Fzbs3uCAsE\n" \
	"YmZoGOCGKx62IR6JOZZGfDj+734f/YgThqlPbeno8QKBgQDC0NUkkMuEPpsPac4R\n" \
	"2I2SsA0ukJHv3bYxC1WEAjKjKVctR2/V+uJK5somSEDcS7gHd81MIzGWrL5aZuaW\n" \
	"QQWroMyZr0f3c8dQIhH1dHCDfCKK8GMbE1hjWFCZFe424y+k2E0pGrtgK+0EmE2s\n" \
	"xFsWcNR9yLSRlxnxyMnmvx+t1QKBgQC4G6R7pnTbSJLfJMmYPBvOWrN2vLZXD0Z4\n" \
	"qW8F42gbQ7PqBJAUYMsw4Ay2W/Y4rF2bsQskzXAdCYzpOHu6OjFgfQztsUV5Ap5R\n" \
	"yCgj5PK6MPAgnXRXKLD9z6oR7B114qZSflqc8YsfGvbpZeAxfahDdhFHIw2Eczvn\n" \
	"BsEKZnEh8QKBgA1uJCN/L+iQAFSRsLkeOrRQGriJEuZ8XGEJLP4KwL7qzK28bQNN\n" \
	"ZmhPfMQi2wXU2nz5T1feXT7L7duBmIfnN6LbVP+LS+TNQIJPtvk6677EwgTeCZcG\n" \
	"QGOo5PWIw4FZLCGrH7ajtyMsJAzbCw/MAZOMd7msKnaW+hznALQ9nMt5AoGAOB6s\n" \
	"98gYrNMlegGTteT0sOUy+Umy5zzPxW4YWpokHNN5Xyc+6AdNSLuzBE9p8YKREilY\n" \
	"dUJuH1vO6TR/epfMf1X+/+FehPGIYvN5UN+0IY9TUw3L7dmIggWwGMB5hnqtKk47\n" \
	"vsVeHAAzLZgRS+S6yr2NrLqBn1Mk+lozs8DgUXECgYB3bDfjFbbtr7yj0dbdBrxm\n" \
	"7K2K1QFlk4dd2LhRlKwiJ2IySrkwY/DJOROzVkbw1JeRrX9u3Te39feFn6DuYB/X\n" \
	"Y1YquSdSZFAC8O3VWmQSLINXUaje7XD/yiHJaN0qTHap32LZs1Dy7+Pg+/xa77Xm\n" \
	"yOPXtHeD0OpePh3GRmHYBw==\n" \
	"-----END PRIVATE KEY-----\n" \
	""

#define TEST_EC_KEY \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWaSu4CGzJ4gOJf9l\n" \
	"G2JuFQWdiYH3vhPRCnsZ70+DPo+hRANCAARJdkFgiGPqulxNUpc1guEW8FneDOGP\n" \
	"ttCeFoOALPxa/LRV62DQOTvYmx9C2CKvvz/x47AzYPeSVAYy9i/W3y+F\n" \
	"-----END PRIVATE KEY-----\n" \
	""

#define TEST_ED_KEY \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MC4CAQAwBQYDK2VwBCIEIIbyQVTyYf/JRYCwtCr0S47pHwC99ByKMFZxAudBObLI\n" \
	"-----END PRIVATE KEY-----\n" \
	""

#endif							/* AMBIT_TEST_KEYS_H */
