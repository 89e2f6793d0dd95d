#!/bin/bash
# doc.sh: the code of doc/clients.md is code of the tests.  Each block of js,
# python, java or ini stands in a file of test/clients, line by line.  Speaks TAP.
cd "$(dirname "$0")/../.." || exit 1
exec perl - test/clients/* <<'PERL'
use strict;
use warnings;

sub slurp { my ($name) = @_; open my $file, '<', $name or die "$name: $!"; local $/; return scalar <$file>; }

my %files = map { $_ => "\n" . slurp($_) } @ARGV;
my $document = slurp('doc/clients.md');
my $n = 0;
while ($document =~ /^```(js|python|java|ini)\n(.*?)^```$/msg) {
	my ($language, $block) = ($1, $2);
	my ($first) = split /\n/, $block;
	my @found = grep { index($files{$_}, "\n$block") >= 0 } keys %files;
	$n++;
	print @found ? 'ok' : 'not ok', " $n - $language: $first\n";
}
print "1..$n\n";
exit($n == 0);
PERL
