/*
 * main.c
 *		Runs a target once over each of the files named, without libFuzzer.
 *
 * --overflow in their place does what a sanitizer has to see.
 */
#include "postgres.h"

#include "fuzz.h"

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--overflow") == 0)
	{
		char	   *chunk = memset(malloc(argc), 'x', argc);

		return (int) strlen(chunk);
	}
	for (int i = 1; i < argc; i++)
	{
		FILE	   *file = fopen(argv[i], "rb");
		unsigned char *data = malloc(1024 * 1024);
		size_t		size;

		if (file == NULL)
		{
			perror(argv[i]);
			return 1;
		}
		size = fread(data, 1, 1024 * 1024, file);
		fclose(file);
		/* to its end and no further */
		data = realloc(data, size > 0 ? size : 1);
		fprintf(stderr, "%s\n", argv[i]);
		(void) LLVMFuzzerTestOneInput(data, size);
		free(data);
	}
	return 0;
}
