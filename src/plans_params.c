/*
 * plans_params.c
 *		Parameters that are evaluated before their statement starts.
 *
 * A procedural language may fail to give a value for a parameter: the field of
 * a record that is not assigned, say.  The server asks for it where it is
 * needed first, which may be for a row, and then the error tells that the row
 * is there.  A plan in which rows may be found that are not to be seen
 * (planner_parent.c) names its parameters, and all are asked for at the start.
 */
#include "postgres.h"
#include "compat.h"

#include "nodes/makefuncs.h"
#include "utils/builtins.h"

#include "plan_items.h"
#include "plans_params.h"

static void
add_item(PlannedStmt *stmt, int kind, uint32 value)
{
	PlanInvalItem *item = makeNode(PlanInvalItem);

	item->cacheId = kind;
	item->hashValue = value;
	stmt->invalItems = lappend(stmt->invalItems, item);
}

void
plans_params_note(PlannedStmt *stmt, List *params)
{
	ListCell   *lc;

	foreach(lc, params)
	{
		add_item(stmt, PARAMETER_ITEM, lfirst_node(Param, lc)->paramid);
		add_item(stmt, PARAMETER_TYPE_ITEM, lfirst_node(Param, lc)->paramtype);
	}
}

void
plans_params_evaluate(const PlannedStmt *stmt, ParamListInfo params)
{
	ParamExternData workspace;
	const ParamExternData *param = NULL;
	ListCell   *lc;

	/* the others are there already */
	if (params == NULL || params->paramFetch == NULL)
		return;
	foreach(lc, stmt->invalItems)
	{
		const PlanInvalItem *item = lfirst(lc);

		if (item->cacheId == PARAMETER_ITEM)
		{
			if (item->hashValue > (uint32) params->numParams)
				ereport(ERROR,
						(errcode(ERRCODE_UNDEFINED_OBJECT),
						 errmsg("no value found for parameter %u", item->hashValue)));
			param = params->paramFetch(params, item->hashValue, false, &workspace);
		}
		else if (item->cacheId == PARAMETER_TYPE_ITEM && param->ptype != item->hashValue)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("a parameter is of type %s, but the statement was prepared for one of type %s",
							format_type_be(param->ptype), format_type_be(item->hashValue))));
	}
}
