/*
 * compat.h
 *		All differences between the supported versions of PostgreSQL (15 to
 *		18).  Included by every .c file right after postgres.h.
 */
#ifndef AMBIT_COMPAT_H
#define AMBIT_COMPAT_H

/*
 * 16 moved the varlena macros out of postgres.h, and brought soft errors for
 * input functions.  Before, every error is raised.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#define wants_soft_error(context) \
	((context) != NULL && IsA(context, ErrorSaveContext))
#else
#define ereturn(context, dummy_value, ...) ereport(ERROR, __VA_ARGS__)
#define wants_soft_error(context) false
#endif

/* 16 put whom a relation is read and written as into a list of its own. */
#if PG_VERSION_NUM >= 160000
#define rte_check_as_user(stmt, rte) \
	((rte)->perminfoindex == 0 ? InvalidOid : \
	 list_nth_node(RTEPermissionInfo, (stmt)->permInfos, (rte)->perminfoindex - 1)->checkAsUser)
#else
#define rte_check_as_user(stmt, rte) ((rte)->checkAsUser)
#endif

/* The same, for those who check the privileges. */
#if PG_VERSION_NUM >= 160000
#define CHECK_PERMS_PARAMS List *rangeTable, List *rteperminfos, bool ereport_on_violation
#define CHECK_PERMS_ARGS rangeTable, rteperminfos, ereport_on_violation
#define RtePerms RTEPermissionInfo
#define rte_perms(rte) \
	((rte)->perminfoindex == 0 ? NULL : getRTEPermissionInfo(rteperminfos, rte))
#else
#define CHECK_PERMS_PARAMS List *rangeTable, bool ereport_on_violation
#define CHECK_PERMS_ARGS rangeTable, ereport_on_violation
#define RtePerms RangeTblEntry
#define rte_perms(rte) (rte)
#endif

/* 18 took execute_once from the executor, asks whether a deferrable primary key
 * counts and how much room to leave before a tuple, has generated columns that
 * are not stored, numbers what is to be left out of partitions, and has what a
 * query groups by in a relation of its own. */
#if PG_VERSION_NUM >= 180000
#define EXECUTOR_RUN_PARAMS QueryDesc *query, ScanDirection direction, uint64 count
#define EXECUTOR_RUN_ARGS query, direction, count
#define get_primary_key_index(rel) RelationGetPrimaryKeyIndex(rel, false)
#define form_minimal_tuple(desc, values, isnull) heap_form_minimal_tuple(desc, values, isnull, 0)
#define generation_expression(rel, column) build_generation_expression(rel, column)
#define append_prunes(append) ((append)->part_prune_index >= 0)
#define rte_is_grouped(rte) ((rte)->rtekind == RTE_GROUP)
#define rte_grouped(rte) ((rte)->groupexprs)
#define desc_has_virtual_columns(desc) ((desc)->constr && (desc)->constr->has_generated_virtual)
#else
#define EXECUTOR_RUN_PARAMS \
	QueryDesc *query, ScanDirection direction, uint64 count, bool execute_once
#define EXECUTOR_RUN_ARGS query, direction, count, execute_once
#define get_primary_key_index(rel) RelationGetPrimaryKeyIndex(rel)
#define form_minimal_tuple(desc, values, isnull) heap_form_minimal_tuple(desc, values, isnull)
#define generation_expression(rel, column) build_column_default(rel, column)
#define append_prunes(append) ((append)->part_prune_info != NULL)
#define rte_is_grouped(rte) false
#define rte_grouped(rte) NIL
#define desc_has_virtual_columns(desc) false
#define pg_noreturn pg_attribute_noreturn()
#endif

/* 16 gave settings an allocator of their own. */
#if PG_VERSION_NUM < 160000
#define guc_malloc(elevel, size) malloc(size)
#endif

#endif							/* AMBIT_COMPAT_H */
