/*
 * unreached.c
 *		What the parsers name of the server and no input of theirs may reach.
 *
 * Includes nothing, so that the functions may have any type.
 */
extern void abort(void);
extern int	printf(const char *fmt,...);

#define UNREACHED(name) \
extern void name(void); \
void \
name(void) \
{ \
	printf("an input led to %s()\n", #name); \
	abort(); \
}

/* registering a permission, which a list of them cannot */
UNREACHED(GetOuterUserId)
UNREACHED(GetUserId)
UNREACHED(InSecurityRestrictedOperation)
UNREACHED(IsInParallelMode)
UNREACHED(RecoveryInProgress)
UNREACHED(SPI_connect)
UNREACHED(SPI_execute_with_args)
UNREACHED(SPI_finish)
UNREACHED(SPI_result_code_string)
UNREACHED(pg_class_aclcheck)

/* types and columns */
UNREACHED(OutputFunctionCall)
UNREACHED(fmgr_info_cxt)
UNREACHED(func_volatile)
UNREACHED(getBaseType)
UNREACHED(getTypeOutputInfo)
UNREACHED(get_element_type)
UNREACHED(get_func_rettype)
UNREACHED(get_type_category_preferred)
UNREACHED(get_typlenbyvalalign)
UNREACHED(type_is_enum)

/* arrays and sets of rows */
UNREACHED(construct_array)
UNREACHED(deconstruct_array)
UNREACHED(end_MultiFuncCall)
UNREACHED(init_MultiFuncCall)
UNREACHED(per_MultiFuncCall)
UNREACHED(pg_detoast_datum_copy)

UNREACHED(ProcessInterrupts)
UNREACHED(catalog_see)
