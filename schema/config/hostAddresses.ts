import { lookup } from 'node:dns/promises';
import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * What a host’s name stands for: its addresses, or `this machine` where one of them is ours. A name that stands for
 * nothing stands for itself.
 */
export async function hostAddresses(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch(() => []);
  if (found.length === 0) return [host.toLowerCase()];
  const own = ownAddresses();
  const isOwn = found.some(({ address, family }) => own.check(address, family === 6 ? 'ipv6' : 'ipv4'));
  return isOwn ? ['this machine'] : found.map(({ address }) => address);
}

/** Every address by which this machine can call itself; IPv4 ones match in IPv6 notation too. */
function ownAddresses(): BlockList {
  const own = new BlockList();
  own.addSubnet('127.0.0.0', 8, 'ipv4');
  own.addAddress('0.0.0.0', 'ipv4');
  own.addAddress('::1', 'ipv6');
  own.addAddress('::', 'ipv6');
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((each) => each ?? [])) {
    own.addAddress(address, family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
  return own;
}
