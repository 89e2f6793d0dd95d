/*
 * literals.c
 *		Constants that may be read again by somebody else.
 *
 * Conditions and defaults stand in the catalogs as trees, and the owner of a
 * table may change them.  Where ambit shows one as SQL and has it parsed as the
 * owner of the extension, literals are read in that role, and reading one of a
 * type that has a domain in it evaluates the domain's checks: code of whoever
 * made the domain.  Everything else in an expression is only looked up.
 */
#include "postgres.h"
#include "compat.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "literals.h"

/*
 * Whether values of the type are read without a domain's checks.
 */
static bool
type_is_plain(Oid type)
{
	Oid			element = get_element_type(type);
	TupleDesc	desc;
	bool		plain = true;

	check_stack_depth();
	if (OidIsValid(element))
		return type_is_plain(element);
	switch (get_typtype(type))
	{
		case TYPTYPE_BASE:
		case TYPTYPE_ENUM:
			return true;
		case TYPTYPE_RANGE:
			return type_is_plain(get_range_subtype(type));
		case TYPTYPE_MULTIRANGE:
			return type_is_plain(get_multirange_range(type));
		case TYPTYPE_COMPOSITE:
			desc = lookup_rowtype_tupdesc(type, -1);
			for (int i = 0; plain && i < desc->natts; i++)
				plain = TupleDescAttr(desc, i)->attisdropped ||
					type_is_plain(TupleDescAttr(desc, i)->atttypid);
			ReleaseTupleDesc(desc);
			return plain;
		case TYPTYPE_PSEUDO:
			return type == UNKNOWNOID;
		default:
			return false;
	}
}

static bool
odd_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Const) && !((Const *) node)->constisnull &&
		!type_is_plain(((Const *) node)->consttype))
		return true;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, odd_walker, context, 0);
	return expression_tree_walker(node, odd_walker, context);
}

bool
literals_are_plain(Node *expression)
{
	return !odd_walker(expression, NULL);
}
