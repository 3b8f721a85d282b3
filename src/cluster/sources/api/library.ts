/**
 * What is used of the Kubernetes client. Named here one by one, a bundler leaves out the rest: a class for each kind
 * of object that the API has, and the way to ask for each.
 */
export { bufferFromFileOrString, KubeConfig, loadYaml, makeAbsolutePath } from '@kubernetes/client-node';
