-- change.sql: the model goes on changing after a restore as it would have before.
SELECT ambit.create_tenant('theatre', 'opus1');
SELECT ambit.add_member('theatre', 'owner', '{"staff": "1"}');
SELECT ambit.assign_role('theatre', 'owner', 'owner');
SELECT ambit.revoke_role('music', 'staff', 'staff');
SELECT ambit.assign_role('music', 'staff', 'limited_staff');
SELECT ambit.move_location('music', 'south', 'north');
SELECT ambit.remove_from_group('music', 'strings', 'limited strings');
SELECT ambit.set_feature('music', 'client_teacher_communication', false);
SELECT ambit.set_member_permission('music', 'limited', 'attendance.take', NULL);
SELECT ambit.add_rule('app.clients', 'delete', 'clients.personal_information.edit') IS NOT NULL;
SELECT ambit.unprotect('app.attendance');
SELECT ambit.remove_member('dance', 'limited');
SELECT ambit.set_field_visible('music', 'app.people', 'phone', false);
SELECT ambit.mask('app.people', 'email', 'clients.personal_information.view');
SELECT ambit.set_field_visible('music', 'app.people', 'email', true);
SELECT ambit.mask('app.people', 'name', 'clients.personal_information.edit');
SELECT ambit.add_rule('app.people', 'select', 'appointments.view');
